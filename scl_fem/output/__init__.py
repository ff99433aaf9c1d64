"""What a run leaves behind: the result folder, tables, fields, checkpoints, the log."""
