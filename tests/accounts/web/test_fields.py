"""Fields that forms share."""

from django import forms

from accounts.web.fields import Text


class _Form(forms.Form):
    name = Text(label="Name", required="Enter a name", longest=10)


def test_forms_share_a_field_and_one_may_still_have_another() -> None:
    one, other = _Form({"name": "Ada"}), _Form({})
    assert one.fields["name"] is other.fields["name"] is _Form.base_fields["name"]
    one.fields["name"] = Text(label="Name", required="", longest=2)
    assert one.errors == {"name": ["Name must be 2 characters or fewer"]}
    assert other.errors == {"name": ["Enter a name"]}
    assert _Form({"name": "Ada"}).is_valid()
