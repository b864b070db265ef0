"""The parts of the page about one run: the facts of each, as its template takes them.

Each module has `facts(results)`, which gives plain numbers and typeset symbols by name; the words
stand in the template `topics/<name>.html`.
"""
