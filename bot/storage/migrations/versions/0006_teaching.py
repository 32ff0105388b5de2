"""what the bot understood, what staff taught it, and what they have looked at"""

import sqlalchemy as sa
from alembic import op
import bot.storage.tables.base

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    utc = bot.storage.tables.base.UtcDateTime
    op.create_table('understandings',
    sa.Column('inbound_id', sa.String(length=28), nullable=False),
    sa.Column('intent', sa.String(length=64), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('runner_up', sa.String(length=64), nullable=True),
    sa.Column('runner_up_confidence', sa.Double(), nullable=True),
    sa.Column('at', utc(), nullable=False),
    sa.ForeignKeyConstraint(['inbound_id'], ['inbound_messages.id'], name=op.f('fk_understandings_inbound_id')),
    sa.PrimaryKeyConstraint('inbound_id', name=op.f('pk_understandings'))
    )
    with op.batch_alter_table('understandings', schema=None) as batch_op:
        batch_op.create_index('ix_understanding_at', ['at'], unique=False)

    op.create_table('taught_changes',
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('intent', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.String(length=28), nullable=False),
    sa.Column('at', utc(), nullable=False),
    sa.Column('lesson_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('checking_at', utc(), nullable=True),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('saved_at', utc(), nullable=True),
    sa.Column('git_commit', sa.String(length=40), nullable=True),
    sa.Column('said_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('needs', sa.String(length=16), nullable=False),
    sa.Column('approved_by', sa.String(length=28), nullable=True),
    sa.Column('approved_at', utc(), nullable=True),
    sa.Column('undone_by', sa.String(length=28), nullable=True),
    sa.Column('undone_at', utc(), nullable=True),
    sa.Column('id', sa.String(length=28), nullable=False),
    sa.ForeignKeyConstraint(['approved_by'], ['staff.id'], name=op.f('fk_taught_changes_approved_by')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_taught_changes_staff_id')),
    sa.ForeignKeyConstraint(['undone_by'], ['staff.id'], name=op.f('fk_taught_changes_undone_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_taught_changes'))
    )
    with op.batch_alter_table('taught_changes', schema=None) as batch_op:
        batch_op.create_index('ix_taught_status', ['status', 'at'], unique=False)

    op.create_table('reviews',
    sa.Column('inbound_id', sa.String(length=28), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('staff_id', sa.String(length=28), nullable=False),
    sa.Column('change_id', sa.String(length=28), nullable=True),
    sa.Column('at', utc(), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['taught_changes.id'], name=op.f('fk_reviews_change_id')),
    sa.ForeignKeyConstraint(['inbound_id'], ['inbound_messages.id'], name=op.f('fk_reviews_inbound_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_reviews_staff_id')),
    sa.PrimaryKeyConstraint('inbound_id', name=op.f('pk_reviews'))
    )
    with op.batch_alter_table('reviews', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reviews_change_id'), ['change_id'], unique=False)


def downgrade() -> None:
    for table in ('reviews', 'taught_changes', 'understandings'):
        op.drop_table(table)
