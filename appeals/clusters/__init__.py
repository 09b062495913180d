"""回应一个诉求、解决一类问题: alike appeals as one kind of problem, and what a department does about it."""
