"""What people look for in help."""

from django import forms

from accounts.web.fields import Text


class SearchForm(forms.Form):
    words = Text(
        label="Search help",
        help_text="For example: new phone, code wrong",
        longest=200,
        required="Enter a word or two, for example: new phone",
    )
