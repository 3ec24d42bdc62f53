"""A study's demo: two of its classifiers side by side, its errors and its trade-off, in a browser.

``contents`` loads a study, ``page`` shows it, ``server`` puts it and an endpoint for programs behind bounds.
"""
