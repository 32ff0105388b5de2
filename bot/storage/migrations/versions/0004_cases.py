"""cases: how alerts end, follow-up calls, rota patterns, ways to page, the daily canary"""

import sqlalchemy as sa
from alembic import op
import bot.storage.tables.base

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN where other tables point at a table: SQLite would have to copy it and drop
    # the old one, which it refuses while rows point there.
    op.create_table('rota_patterns',
    sa.Column('staff_id', sa.String(length=28), nullable=False),
    sa.Column('duty', sa.String(length=12), nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=28), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_rota_patterns_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rota_patterns'))
    )
    op.create_table('alert_notes',
    sa.Column('alert_id', sa.String(length=28), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('staff_id', sa.String(length=28), nullable=True),
    sa.Column('reached', sa.Boolean(), nullable=True),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('at', bot.storage.tables.base.UtcDateTime(), nullable=False),
    sa.Column('id', sa.String(length=28), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_alert_notes_alert_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_alert_notes_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_notes'))
    )
    with op.batch_alter_table('alert_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_notes_alert_id'), ['alert_id'], unique=False)

    op.add_column('alerts', sa.Column('outcome_due_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('alerts', sa.Column('outcome', sa.String(length=16), nullable=True))
    op.add_column('alerts', sa.Column('verdict', sa.String(length=12), nullable=True))
    op.add_column('alerts', sa.Column('last_contact_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('alerts', sa.Column('first_paged_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('alerts', sa.Column('first_acknowledged_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('alerts', sa.Column('is_test', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.add_column('outbound_messages', sa.Column('channel', sa.String(length=8), server_default='sms', nullable=False))

    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('failed_because', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('link_used_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
        batch_op.alter_column('staff_id',
               existing_type=sa.VARCHAR(length=28),
               nullable=True)

    op.add_column('patients', sa.Column('sessions_blocked_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('patients', sa.Column('sessions_released_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('patients', sa.Column('sessions_released_by', sa.String(length=28), nullable=True))
    op.add_column('patients', sa.Column('plan_reviewed_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
    op.add_column('patients', sa.Column('is_test', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.add_column('shifts', sa.Column('is_swap', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.add_column('staff', sa.Column('email_sealed', sa.LargeBinary(), nullable=True))
    op.add_column('staff', sa.Column('is_test', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('support_items', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alert_id', sa.String(length=28), nullable=True))
        batch_op.add_column(sa.Column('staff_id', sa.String(length=28), nullable=True))
        batch_op.add_column(sa.Column('reason', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('raise_at', bot.storage.tables.base.UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f('ix_support_items_alert_id'), ['alert_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_support_items_raise_at'), ['raise_at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_support_items_staff_id'), 'staff', ['staff_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_support_items_alert_id'), 'alerts', ['alert_id'], ['id'])



def downgrade() -> None:
    with op.batch_alter_table('support_items', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_support_items_alert_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_support_items_staff_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_support_items_raise_at'))
        batch_op.drop_index(batch_op.f('ix_support_items_alert_id'))
        batch_op.drop_column('raise_at')
        batch_op.drop_column('reason')
        batch_op.drop_column('staff_id')
        batch_op.drop_column('alert_id')

    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_column('is_test')
        batch_op.drop_column('email_sealed')

    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_column('is_swap')

    with op.batch_alter_table('patients', schema=None) as batch_op:
        batch_op.drop_column('is_test')
        batch_op.drop_column('plan_reviewed_at')
        batch_op.drop_column('sessions_released_by')
        batch_op.drop_column('sessions_released_at')
        batch_op.drop_column('sessions_blocked_at')

    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.alter_column('staff_id',
               existing_type=sa.VARCHAR(length=28),
               nullable=False)
        batch_op.drop_column('link_used_at')
        batch_op.drop_column('failed_because')

    with op.batch_alter_table('outbound_messages', schema=None) as batch_op:
        batch_op.drop_column('channel')

    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_column('is_test')
        batch_op.drop_column('first_acknowledged_at')
        batch_op.drop_column('first_paged_at')
        batch_op.drop_column('last_contact_at')
        batch_op.drop_column('verdict')
        batch_op.drop_column('outcome')
        batch_op.drop_column('outcome_due_at')

    with op.batch_alter_table('alert_notes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_notes_alert_id'))

    op.drop_table('alert_notes')
    op.drop_table('rota_patterns')
