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


def downgrade() -> None:
    op.drop_column('patients', 'read_along_since')
