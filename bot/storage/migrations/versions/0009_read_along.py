"""read along: whose phone somebody else may read, beyond the end of the alert that said so"""

import sqlalchemy as sa
from alembic import op

import bot.storage.tables.base

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'patients',
        sa.Column('read_along_since', bot.storage.tables.base.UtcDateTime(), nullable=True),
    )
    # Until now the open alert itself held her texts; they stay held.
    op.execute(
        'UPDATE patients SET read_along_since = (SELECT MIN(s.at) FROM alerts a '
        'JOIN alert_signals s ON s.alert_id = a.id WHERE a.patient_id = patients.id '
        "AND s.category = 'violence' AND a.status <> 'resolved')"
    )


def downgrade() -> None:
    op.drop_column('patients', 'read_along_since')
