"""Entity resolution: which entity of a population is this record, if any, and how sure are we?

Pure functions over arrays; imports ``model`` and ``normalise``. Deliberately absent: files, network, the event
loop, and any knowledge of where the arrays come from (``bureau.population`` maps them into memory).
"""
