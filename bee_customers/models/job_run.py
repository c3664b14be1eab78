"""The last run of each job that cron starts: what alerts look at."""

import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bee_customers.models.base import KEEP, Base


class JobRun(Base):
    """One row a job. `last_finished_at` before `last_started_at`: it is at work, or was killed."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True, info=KEEP)
    last_started_at: Mapped[datetime.datetime] = mapped_column(info=KEEP)
    last_finished_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    # with exit code 0
    last_success_at: Mapped[datetime.datetime | None] = mapped_column(info=KEEP)
    last_exit_code: Mapped[int | None] = mapped_column(info=KEEP)
    last_duration_seconds: Mapped[float | None] = mapped_column(info=KEEP)
