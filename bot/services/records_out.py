"""Hands a patient's check-ins out as a table (CSV) and as health records (FHIR R4).

What she skipped is not a zero: it is written as *asked-declined*. What she did not finish has
answers and no score.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.core.administrations import AdministrationStatus
from bot.core.instruments import Instrument, Item
from bot.services.check_in_records import CheckInLine, list_check_ins
from bot.services.clinic import Clinic
from bot.storage import people, sealing
from bot.storage.audit import Audit, record

LOINC = "http://loinc.org"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_STATUS = {
    AdministrationStatus.STARTED: "in-progress",
    AdministrationStatus.COMPLETED: "completed",
    AdministrationStatus.ABANDONED: "stopped",
    AdministrationStatus.EXPIRED: "stopped",
}
# Not the mother's name: whoever opens a forgotten file should not learn whose it is.
_COLUMNS = (
    *("patient_id", "administration_id", "instrument", "version", "status"),
    *("started_at", "ended_at", "score", "band", "item", "loinc", "answer", "answer_label"),
)


def check_ins_csv(clinic: Clinic, patient_id: str, *, by: str, now: datetime) -> str:
    """Her check-ins, one line an item.

    :raises NotFound: no such patient.
    """
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    for line in _read(clinic, patient_id, "csv", by=by, now=now)[1]:
        instrument = clinic.instruments[line.instrument_id]
        head = [
            *(patient_id, line.id, line.instrument_id, line.version, line.status),
            *(line.started_at.isoformat(), line.ended_at.isoformat() if line.ended_at else ""),
            *("" if line.score is None else line.score, line.band or ""),
        ]
        for number, given in line.answers.items() or [(None, None)]:
            if number is None:
                table.writerow([*head, "", "", "", ""])
                continue
            item = instrument.item(number)
            answer = "asked-declined" if given is None else given
            table.writerow([*head, number, item.loinc or "", answer, _label(item, given)])
    return out.getvalue()


def check_ins_fhir(clinic: Clinic, patient_id: str, *, by: str, now: datetime) -> str:
    """Her check-ins as a FHIR R4 bundle, checked against the standard's own model.

    :raises NotFound: no such patient.
    """
    # Loads as long as the web framework does, and hardly any process ever hands records out.
    from fhir.resources.R4B.bundle import Bundle

    name, lines = _read(clinic, patient_id, "fhir", by=by, now=now)
    resources: list[dict[str, Any]] = [  # FHIR's JSON
        {"resourceType": "Patient", "id": patient_id, "name": [{"text": name}]}
    ]
    for line in lines:
        instrument = clinic.instruments[line.instrument_id]
        resources.append(_response(instrument, line, patient_id))
        if line.score is not None:
            resources.append(_observation(instrument, line, patient_id))
    bundle = Bundle.model_validate(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": now.astimezone(UTC).isoformat(),
            "entry": [
                {"fullUrl": f"urn:tend:{one['resourceType']}:{one['id']}", "resource": one}
                for one in resources
            ],
        }
    )
    return str(bundle.model_dump_json(indent=2))


def _read(
    clinic: Clinic, patient_id: str, form: str, *, by: str, now: datetime
) -> tuple[str, Sequence[CheckInLine]]:
    with clinic.db.reading() as db:
        name = _name(db, patient_id)
        lines = list_check_ins(db, patient_id)
    with clinic.db.transaction() as db:
        record(db, Audit(by, "export", f"patient:{patient_id}", {"form": form}), now=now)
    return name, lines


def _name(db: Session, patient_id: str) -> str:
    return sealing.get(db, people.get_patient(db, patient_id), "name")


def _response(instrument: Instrument, line: CheckInLine, patient_id: str) -> dict[str, Any]:
    """One administration as a QuestionnaireResponse; only what was asked is in it."""
    found: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "id": line.id,
        "status": _STATUS[line.status],
        "subject": {"reference": f"Patient/{patient_id}"},
        "authored": (line.ended_at or line.started_at).isoformat(),
        "item": [
            _answer(instrument.item(number), instrument, given)
            for number, given in line.answers.items()
        ],
    }
    if instrument.loinc.panel:
        found["questionnaire"] = f"{LOINC}/q/{instrument.loinc.panel}"
    if not found["item"]:
        del found["item"]
    return found


def _answer(item: Item, instrument: Instrument, given: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "linkId": f"/{item.loinc}" if item.loinc else f"{instrument.id}.{item.number}",
        "text": item.text.en,
    }
    if given is None:
        found["extension"] = [{"url": _ABSENT, "valueCode": "asked-declined"}]
        return found
    code = next((answer.loinc for answer in item.answers if answer.score == given), None)
    if code:
        value: Mapping[str, Any] = {
            "valueCoding": {"system": LOINC, "code": code, "display": _label(item, given)}
        }
    else:
        value = {"valueInteger": given}
    found["answer"] = [value]
    return found


def _observation(instrument: Instrument, line: CheckInLine, patient_id: str) -> dict[str, Any]:
    """A complete administration's total, by the code of the score and never of the panel."""
    code: dict[str, Any] = {"text": f"{instrument.title}, total score"}
    if instrument.loinc.total:
        code["coding"] = [{"system": LOINC, "code": instrument.loinc.total}]
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"{line.id}-score",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "survey",
                    }
                ]
            }
        ],
        "code": code,
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": (line.ended_at or line.started_at).isoformat(),
        "valueInteger": line.score,
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{line.id}"}],
    }
    if line.band:
        found["interpretation"] = [{"text": line.band}]
    return found


def _label(item: Item, given: int | None) -> str:
    return next((a.label.en for a in item.answers if a.score == given), "")
