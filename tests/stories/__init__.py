"""Stories: somebody does something on the forge, and the check says what it must. HTTP on both sides."""
