"""A batch of labels is named by its date, in the reader's language."""


def migrate(cr, version):
    """Drop the column of the name; done again, it changes nothing more."""
    cr.execute("ALTER TABLE amazon_label_batch DROP COLUMN IF EXISTS name")
