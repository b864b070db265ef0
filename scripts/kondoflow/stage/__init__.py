"""How a stage is entered: from a rule or from the command line, with a checked configuration."""
