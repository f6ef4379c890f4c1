"""What is sent for a support code, and what the service desk types of one."""

from django import forms

from accounts.web.fields import Address, Text

LONGEST_TYPED = 60  # characters, with whatever was pasted along


class AskForm(forms.Form):
    user_name = Address(
        label="Username (optional)",
        help_text="Your own work email address. It helps the service desk to find your account",
        longest=254,
        required="",
    )


class SupportCodeForm(forms.Form):
    code = Text(
        label="Support code",
        help_text="8 letters and digits. For example, 7K3M 42QR",
        longest=LONGEST_TYPED,
        required="Enter the support code",
    )
