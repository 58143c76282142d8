"""The carrier protocol of docs/sandbox.md, over HTTP."""

from datetime import datetime
from typing import Any

import requests

from kernel.http import client
from logistics.gateways.base import CarrierUnknown, Report


class HttpCarrier:
    """Speaks to one carrier with one key."""

    def __init__(self, *, base_url: str, key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.key = key

    def book(self, request: dict[str, Any]) -> dict[str, Any]:
        status, body = self._call("POST", "/v1/waybills", request)
        if status in (200, 201):
            return {"status": "booked", "waybill": body["no"], "label_url": body["label_url"]}
        error = body.get("error", {})
        field = f" ({error['field']})" if error.get("field") else ""
        return {"status": "refused", "problem": f"{error.get('message', status)}{field}"}

    def cancel(self, waybill: str) -> dict[str, Any]:
        status, body = self._call("POST", f"/v1/waybills/{waybill}/cancel", {})
        if status == 200:
            return {"status": "cancelled"}
        if status == 409:
            return {"status": "moving"}
        raise CarrierUnknown(f"cancel answered {status}: {body}")

    def reports(self, waybill: str) -> list[Report]:
        status, body = self._call("GET", f"/v1/waybills/{waybill}/events", None)
        if status != 200:
            raise CarrierUnknown(f"events answered {status}: {body}")
        return [read_report(item) for item in body["data"]]

    def _call(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        try:
            answer = client("carrier").request(
                method,
                self.base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {self.key}"},
            )
            content = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CarrierUnknown(f"{method} {path}: {error}") from error
        if answer.status_code >= 500 or answer.status_code in (401, 403, 429):
            raise CarrierUnknown(f"{method} {path} answered {answer.status_code}")
        return answer.status_code, content


def read_report(item: dict[str, Any]) -> Report:
    """A report as the protocol writes it; raises KeyError or ValueError when it isn't one."""
    return Report(
        id=str(item["id"]),
        sequence=int(item["sequence"]),
        code=str(item["code"]),
        description=str(item.get("description", ""))[:300],
        location=str(item.get("location", ""))[:200],
        occurred_at=datetime.fromisoformat(str(item["occurred_at"])),
    )
