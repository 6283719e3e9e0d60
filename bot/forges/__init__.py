"""The doors to the forges: one package per forge behind one small port. Blind to rules, store and web."""
