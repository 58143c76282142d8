"""Kinds of fields that several forms have."""

from datetime import MAXYEAR
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator


class Lines(forms.CharField):
    """Several texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for line in value:  # the service judges what a line says; this no database can hold
            ProhibitNullCharactersValidator()(line)


class Moment(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is not None and not 1 < found.year < MAXYEAR:  # no other zone could show it
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found
