"""Reading latents: descriptors, scores, symbolic regression and its judgement.

The package knows nothing of the Anderson model or of any network: what it is told of a system
(descriptors, inputs, references) comes as expressions from the configuration.
"""
