"""Arm specs with addresses: what belongs to the address, what to the arm, and what to neither."""

from __future__ import annotations

import pytest

from tuningfork.arms.prompt.options import PromptOptions
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, UnknownName


def test_azure_s_version_belongs_to_the_address_and_the_rest_to_the_arm():
    spec = ArmSpec.parse("prompt:gpt-4o@https://n.openai.azure.com/openai/deployments/d?api-version=2024-06-01&shots=2")
    assert spec.url == "https://n.openai.azure.com/openai/deployments/d?api-version=2024-06-01"
    assert spec.options == {"shots": "2"}
    assert spec.with_option("local", "yes").endswith("&shots=2&local=yes")
    assert ArmSpec.parse("linear").with_option("c", "1") == "linear?c=1"


def test_a_scheme_in_capitals_is_one():
    spec = ArmSpec.parse("prompt:m@HTTP://127.0.0.1:8000/v1/?shots=1")
    assert (spec.model, spec.url) == ("m", "HTTP://127.0.0.1:8000/v1")


@pytest.mark.parametrize("name", ["key", "api_key", "api-key", "token", "access_token", "subscription-key", "sig"])
def test_a_key_in_a_spec_is_refused_and_not_repeated(name):
    with pytest.raises(InputError, match="TUNINGFORK_API_KEY") as caught:
        ArmSpec.parse(f"prompt:m@https://gateway.example/v1?shots=2&{name}=s3cret")
    assert "s3cret" not in str(caught.value) and caught.value.exit_code == 2


def test_another_parameter_of_an_address_is_told_with_the_whole_spec_without_it():
    spec = ArmSpec.parse("prompt:m@https://gateway.example/v1?tenant=s3cret&shots=2")
    with pytest.raises(UnknownName) as caught:
        PromptOptions.of(spec)
    assert "'tenant'" in str(caught.value) and "s3cret" not in str(caught.value)
    assert "'prompt:m@https://gateway.example/v1?shots=2'" in str(caught.value)
