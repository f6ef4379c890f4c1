"""Tables in the files that people save and upload. Pure."""
