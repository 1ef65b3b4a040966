"""`answerable mail-cases`: messages from a file through the mail room, in a database that is dropped afterwards
(mail contract section 12)."""
