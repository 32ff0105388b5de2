"""indexes for the console: texts and check-ins of a mother by time, texts of lately, texts by id"""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_NEW = (
    ('ix_inbound_patient', 'inbound_messages', ['patient_id', 'received_at']),
    ('ix_inbound_received', 'inbound_messages', ['received_at', 'patient_id']),
    ('ix_outbound_text', 'outbound_messages', ['text_id', 'created_at']),
    ('ix_administration_patient', 'administrations', ['patient_id', 'status', 'ended_at']),
)
# The first column of a new one does the same.
_OLD = (
    ('ix_inbound_messages_patient_id', 'inbound_messages', ['patient_id']),
    ('ix_administrations_patient_id', 'administrations', ['patient_id']),
)


def upgrade() -> None:
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, _ in _OLD:
        op.drop_index(name, table)


def downgrade() -> None:
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)
    for name, table, _ in _NEW:
        op.drop_index(name, table)
