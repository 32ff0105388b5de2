"""where the audit chain ends, so that a chain cut short shows"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    # Without a row yet: the worker signs the chain as it finds it when it seals next.
    op.create_table(
        'audit_head',
        sa.Column('id', _NUMBER, autoincrement=False, nullable=False),
        sa.Column('number', _NUMBER, nullable=False),
        sa.Column('link', sa.String(length=64), nullable=False),
        sa.Column('signature', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head')),
    )


def downgrade() -> None:
    op.drop_table('audit_head')
