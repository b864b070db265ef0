"""How a stage is entered: from a rule or from the command line, with a checked configuration.

==============  ===================================================================
`paths`         where the files of the workflow stand
`yaml_files`    YAML as plain data, no key twice
`layers`        what the folder of a system says, and what files change
`ensembles`     what is known of an ensemble before its spectra are there
`checks`        what can be wrong with a configuration
`seeds`         seeds of the stages, from the one of the configuration
`config`        the configuration: loaded, checked, completed
`arguments`     what a stage takes, by the annotations of its `main`
`command_line`  the values that a user types
`given`         what Snakemake was told of jobs: cores, names of rules
`memory`        memory that ran out, told from errors and logs
`entry`         one way into every stage
`making`        who makes a result, when, with which version
==============  ===================================================================
"""
