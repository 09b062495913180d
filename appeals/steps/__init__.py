"""What each transition does to an appeal, beside its status, its clocks and its event.

A step is called by ``perform`` with the row locked and the data validated. It may leave references for the
event; it never sets the status. A ``ValidationError`` it raises is shown on the form, and nothing is done.
"""
