"""Parts of scripts/generate_messages.py: model (read and check), then one module per kind of output."""
