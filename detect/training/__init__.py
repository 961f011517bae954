"""How the model's weights are made from labelled pages. Nothing here is imported at run time."""
