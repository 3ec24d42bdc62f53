"""sentilora: what LoRA does for your sentiment classifier, with proof.

The rooms, in the one direction that imports may take:

``data`` (text in, batches out) -> ``model`` (what is trained) -> ``train`` (how it is trained) ->
``study`` (what to run, and the records it leaves) -> ``evidence`` (what it shows) ->
``use`` (what it is good for) -> ``cli``.
"""

__version__ = "0.1.0"
