"""Pure helpers without models: time, errors, ids, HTML. Every room may import these; these import no room."""
