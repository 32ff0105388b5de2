"""which text to a number is next, with a million waiting"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_outbound_turn',
        'outbound_messages',
        ['phone_index', 'lane', 'status', 'send_after', 'id'],
    )


def downgrade() -> None:
    op.drop_index('ix_outbound_turn', table_name='outbound_messages')
