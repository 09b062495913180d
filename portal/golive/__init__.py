"""新区县上线: a district set up in the browser, step by step, by somebody who cannot program.

A setup (portal.models.Setup) keeps what was typed or uploaded, as texts, step by step. ``draft`` reads these
texts into the parts of a profile with every problem and its place, ``compose`` puts them together and checks
them as ``load_profile`` does, ``launch`` makes the district of them in one transaction.
"""
