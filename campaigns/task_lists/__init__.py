"""What a plan's task list says, read and written: its columns and rows, deadlines, promised figures, units and posts."""
