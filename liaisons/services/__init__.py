"""What may be done to assignments, visits, opinions, plaques, events and liaison officers.

One module a subject; import from the module.
"""
