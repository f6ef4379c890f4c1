"""Troubleshooting as questions: where each answer leads, and what to do at an end. Pure.

A number that settings decide stands in braces, and is filled in where the page is made
(support/help/figures.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from accounts.topics import Topic


class WhoHelps(StrEnum):
    """Whom an end says to ask, in the order of its page; the regional content says how."""

    PRACTICE_ADMINISTRATOR = "practice_administrator"
    LOCAL_IT = "local_it"
    SERVICE_DESK = "service_desk"
    ESCALATION = "escalation"


class AnswerLink(NamedTuple):
    words: str
    leads_to: str  # slug


class WayOn(NamedTuple):
    """The page of the product on which somebody goes on."""

    route: str
    words: str


@dataclass(frozen=True, kw_only=True)
class HelpQuestion:
    slug: str
    title: str  # what a link to it says
    answers: tuple[AnswerLink, ...]
    asks: str = ""  # where the title does not ask
    hint: str = ""
    keywords: str = ""  # what people type who look for it, beside the words of its page

    @property
    def leads_to(self) -> tuple[str, ...]:
        return tuple(answer.leads_to for answer in self.answers)


@dataclass(frozen=True, kw_only=True)
class HelpEnd:
    slug: str
    title: str
    steps: tuple[str, ...]
    ask: tuple[WhoHelps, ...]
    topics: tuple[Topic, ...] = ()  # the answer in depth
    guides: tuple[str, ...] = ()  # by name: the same step by step
    way_on: WayOn | None = None
    keywords: str = ""

    @property
    def leads_to(self) -> tuple[str, ...]:
        return ()


HelpNode = HelpQuestion | HelpEnd

_ADMINISTRATOR_FIRST = (WhoHelps.PRACTICE_ADMINISTRATOR, WhoHelps.SERVICE_DESK)
_IT_FIRST = (WhoHelps.LOCAL_IT, WhoHelps.SERVICE_DESK)
_DESK = (WhoHelps.SERVICE_DESK, WhoHelps.ESCALATION)
_CONNECTION = WayOn("support:connection", "Check your connection")
_LOG_IN = WayOn("accounts:log-in", "Log in")
_ACCOUNT = WayOn("accounts:account", "Open your account page")
_REFERRALS = WayOn("referrals:home", "Go to your referrals")
_COLLEAGUE = "If a patient is waiting, a colleague can send the referral with their own login."

_QUESTIONS = (
    HelpQuestion(
        slug="cannot-log-in",
        title="I cannot log in",
        asks="Do you have your own login?",
        hint="Only you use your own login. Its username is your own work email address.",
        answers=(
            AnswerLink("Yes, I have my own login", "own-app"),
            AnswerLink("No, several people use it", "several-people"),
            AnswerLink("I do not have a login yet", "no-login"),
            AnswerLink("I have an invitation or an activation code", "activation-fails"),
        ),
        keywords="can't cant log on sign in login new here new starter first time",
    ),
    HelpQuestion(
        slug="own-app",
        title="Do you have an authenticator app?",
        hint=(
            "An authenticator app shows a new 6-digit code every 30 seconds. Microsoft "
            "Authenticator and 2FAST are two of them."
        ),
        answers=(
            AnswerLink("Yes, and it shows codes for PharmRefer", "log-in-step"),
            AnswerLink("Yes, but I have not set it up for PharmRefer yet", "app-not-set-up"),
            AnswerLink("No, I do not have an app", "no-app"),
            AnswerLink("I had one, but I have lost it or changed it", "lost-phone"),
        ),
    ),
    HelpQuestion(
        slug="log-in-step",
        title="What happens when you log in?",
        answers=(
            AnswerLink("My username or password is not right", "password-refused"),
            AnswerLink("My code is refused", "code-refused"),
            AnswerLink("It says: too many tries", "too-many-tries"),
            AnswerLink("It says: this account is locked", "account-locked"),
            AnswerLink("My passkey does not work", "passkey-refused"),
            AnswerLink("It says that I took too long", "log-in-too-slow"),
            AnswerLink("Something else", "still-cannot-log-in"),
        ),
    ),
    HelpQuestion(
        slug="activation-fails",
        title="What goes wrong with your invitation?",
        answers=(
            AnswerLink("The email has not come", "invitation-missing"),
            AnswerLink("The link does not work", "activation-refused"),
            AnswerLink("My activation code is not accepted", "activation-refused"),
            AnswerLink("I cannot set up my app", "app-not-set-up"),
        ),
    ),
    HelpQuestion(
        slug="timed-out",
        title="It timed out",
        asks="What happened?",
        hint="What you wrote in a referral is kept.",
        answers=(
            AnswerLink("The screen is locked", "screen-locked"),
            AnswerLink("I was logged out", "logged-out"),
            AnswerLink("I was logged out when I sent a referral", "logged-out-sending"),
            AnswerLink("I took too long to log in", "log-in-too-slow"),
            AnswerLink("It happens again and again", "times-out-often"),
        ),
        keywords="time out timeout session expired kicked out logged off lost my work",
    ),
    HelpQuestion(
        slug="will-not-send",
        title="It will not send",
        asks="What does PharmRefer say about the referral?",
        hint="The word is on the referral's page, and in the Status column of your list.",
        answers=(
            AnswerLink("Saved, or Sending", "on-its-way"),
            AnswerLink("Trying again", "trying-again"),
            AnswerLink("Late", "late"),
            AnswerLink("Needs action: phone the pharmacy", "needs-action"),
            AnswerLink("Not delivered", "not-delivered"),
            AnswerLink("Not confirmed", "not-confirmed"),
            AnswerLink("Not sent, or Not finished", "not-sent"),
            AnswerLink("Stopped", "answers-stopped-it"),
            AnswerLink("Delivered, but the pharmacy cannot see it", "pharmacy-cannot-see-it"),
            AnswerLink("The page does not open, or it is very slow", "connection"),
        ),
        keywords="wont won't send sending fails failed stuck status error referral not going",
    ),
    HelpQuestion(
        slug="connection",
        title="Do other websites open?",
        hint="Try a website that you have not opened today, such as www.nhs.uk.",
        answers=(
            AnswerLink("Yes, only PharmRefer does not", "our-side"),
            AnswerLink("No, or they are slow too", "your-connection"),
        ),
    ),
    HelpQuestion(
        slug="lost-phone",
        title="I have lost or changed my phone, computer or app",
        asks="What has happened?",
        answers=(
            AnswerLink("My phone is lost, stolen or broken", "second-app"),
            AnswerLink("I have forgotten my 2FAST password", "second-app"),
            AnswerLink("I have deleted PharmRefer from my app", "second-app"),
            AnswerLink("I have a new phone, and still have the old one", "second-app-first"),
            AnswerLink("I want to use another app", "second-app-first"),
            AnswerLink("I have a new computer, and use 2FAST", "another-computer"),
        ),
        keywords=(
            "new phone lost phone stolen broken replaced upgrade 2fast forgot forgotten password "
            "switch switching app change authenticator reset mfa"
        ),
    ),
    HelpQuestion(
        slug="second-app",
        title="Can you still use another app or a passkey for PharmRefer?",
        hint="Some people have set up two apps, or have added a passkey.",
        answers=(
            AnswerLink("Yes", "use-another-app"),
            AnswerLink("No", "authenticator-reset"),
        ),
    ),
    HelpQuestion(
        slug="code-refused",
        title="My code is refused",
        asks="What does the message say?",
        answers=(
            AnswerLink("That code is not right", "code-wrong"),
            AnswerLink("You have used that code already", "code-used-before"),
            AnswerLink("The code has expired, or is not valid yet", "clock-wrong"),
            AnswerLink("The code must be 6 digits", "not-6-digits"),
            AnswerLink("Too many tries", "too-many-tries"),
            AnswerLink("This account is locked", "account-locked"),
            AnswerLink("It is about my activation code", "activation-refused"),
        ),
        keywords="code wrong invalid incorrect rejected not accepted not working 6-digit otp",
    ),
    HelpQuestion(
        slug="several-people",
        title="Several people share a login",
        asks="What do you want to do?",
        hint="Codes do not work with shared logins. Each person needs their own.",
        answers=(
            AnswerLink("I want my own login", "no-login"),
            AnswerLink("I look after the logins at my practice", "shared-login-replaced"),
            AnswerLink("My practice has no administrator", "no-administrator"),
            AnswerLink("Several of us use one computer", "one-computer"),
        ),
        keywords="shared login generic login same login team reception account",
    ),
)

_ENDS = (
    HelpEnd(
        slug="no-login",
        title="Get your own login",
        steps=(
            "Ask your practice administrator to invite you. It takes them a minute.",
            (
                "Give them your own work email address, the one that only you read. A shared "
                "mailbox does not work."
            ),
            "You then get an email with a link. Open it, choose a password and set up your app.",
            _COLLEAGUE,
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.SHARED_LOGIN, Topic.SET_UP),
        keywords="create account new user new starter join register own login new here",
    ),
    HelpEnd(
        slug="no-app",
        title="Get an authenticator app",
        steps=(
            "See below which apps you may use on which phone or computer.",
            "Ask the local IT service desk for one of them. They can install it for you.",
            "Then log in. PharmRefer shows you how to set up the app.",
            _COLLEAGUE,
        ),
        ask=_IT_FIRST,
        topics=(Topic.APPS, Topic.SET_UP),
        way_on=_LOG_IN,
        keywords="mfa 2fa install download app store approved apps ms authenticator 2fast google",
    ),
    HelpEnd(
        slug="app-not-set-up",
        title="Set up your app for PharmRefer",
        steps=(
            "You need the link in your invitation email, or an activation code.",
            "Log in or open the link. The page “Set up your authenticator app” shows a barcode.",
            "Leave that page open until you have typed a code into it.",
            (
                "Each link and code works for 24 hours. If yours is too old, ask your practice "
                "administrator for a new one."
            ),
        ),
        ask=(WhoHelps.PRACTICE_ADMINISTRATOR, WhoHelps.LOCAL_IT, WhoHelps.SERVICE_DESK),
        topics=(Topic.SET_UP, Topic.ACTIVATION),
        guides=("microsoft-authenticator", "twofast"),
        way_on=WayOn("accounts:activate", "Activate your account"),
        keywords="qr barcode scan secret key create account grey greyed out",
    ),
    HelpEnd(
        slug="password-refused",
        title="Your username or password is not right",
        steps=(
            "Your username is your own work email address, in full.",
            "Type the password again. Choose Show to see what you type.",
            "Still not right? Ask for an email with a link, and choose a new password.",
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.PASSWORD,),
        way_on=WayOn("accounts:forgotten", "Choose a new password"),
        keywords="forgot forgotten password wrong password username reset password",
    ),
    HelpEnd(
        slug="passkey-refused",
        title="Your passkey does not work",
        steps=(
            "Enter a code from your authenticator app instead. That always works too.",
            (
                "A passkey works on the phone, the computer or the security key that keeps it. "
                "Have you got that one with you?"
            ),
            (
                "Once you are logged in, you can remove the passkey on your account page and add "
                "it again."
            ),
        ),
        ask=_IT_FIRST,
        topics=(Topic.PASSKEYS,),
        guides=("passkeys",),
        way_on=_LOG_IN,
        keywords="fingerprint face windows hello security key",
    ),
    HelpEnd(
        slug="log-in-too-slow",
        title="You took too long to log in",
        steps=(
            (
                "After your password, you have {pending} to enter a code. To set up an app, you "
                "have {setting_up}."
            ),
            "Open your authenticator app first. Then log in again with your username and password.",
            "If 2FAST takes long to start, ask the local IT service desk.",
        ),
        ask=_IT_FIRST,
        topics=(Topic.CODE_NOT_RIGHT,),
        way_on=_LOG_IN,
        keywords="start again expired too slow",
    ),
    HelpEnd(
        slug="still-cannot-log-in",
        title="You have a login and an app, and still cannot log in",
        steps=(
            "Write down what the page says, word for word.",
            "Close your browser and open it again. Then try once more.",
            "Ask the service desk.",
            _COLLEAGUE,
        ),
        ask=_DESK,
        topics=(Topic.CODE_NOT_RIGHT, Topic.PASSWORD),
        keywords="nothing works blank page error",
    ),
    HelpEnd(
        slug="invitation-missing",
        title="Your invitation email has not come",
        steps=(
            "Look in your junk folder.",
            (
                "Ask your practice administrator which address they used. It must be your own work"
                " email address."
            ),
            "They can invite you again. Only the newest email works.",
            "They also see an activation code, once, and can give it to you.",
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.ACTIVATION,),
        way_on=WayOn("accounts:activate", "Activate your account with a code"),
        keywords="no email not received spam junk invite again",
    ),
    HelpEnd(
        slug="activation-refused",
        title="Your link or activation code is not accepted",
        steps=(
            "Use the newest link or code. Each one works once, and for 24 hours.",
            (
                "An activation code has 12 letters and digits. It is not the 6-digit code from "
                "your app."
            ),
            "If you have finished setting up, log in with your password and a code from your app.",
            "If not, ask your practice administrator for a new link or code.",
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.ACTIVATION,),
        way_on=_LOG_IN,
        keywords="expired invitation link activation code wrong",
    ),
    HelpEnd(
        slug="screen-locked",
        title="The screen is locked",
        steps=(
            "Enter your password. You do not need a code.",
            "You are still logged in, and what you wrote is kept. The page comes back as it was.",
            (
                "The screen locks when PharmRefer has not been used for {lock}. After {idle}, you "
                "are logged out."
            ),
            (
                "Is it a colleague's name? Choose Switch user, and log in as yourself. Their "
                "referral is kept for them."
            ),
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.PASSWORD,),
        guides=("logging-in",),
        way_on=_REFERRALS,
        keywords="lock screen locked unlock password",
    ),
    HelpEnd(
        slug="logged-out",
        title="You were logged out",
        steps=(
            "Log in again. If PharmRefer can, it takes you back to the page where you were.",
            "Your referral is on your list, under Not sent yet. Choose it and carry on.",
            "A referral that you do not send is kept for {drafts}.",
            (
                "PharmRefer logs you out when it has not been used for {idle}, and {longest} after"
                " you logged in. It warns you before."
            ),
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        guides=("logging-in",),
        way_on=_REFERRALS,
        keywords="logged off kicked out draft lost referral gone",
    ),
    HelpEnd(
        slug="logged-out-sending",
        title="You were logged out when you sent a referral",
        steps=(
            "Log in again and look at your list of referrals.",
            "Is it under Not sent yet? Then it was not sent. Choose it, check it and send it.",
            "Is it under Latest referrals? Its status says how it went. Do not send it again.",
            "Is it under Needs action? Phone the pharmacy. The referral's page says why.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="times out when I send log back in",
    ),
    HelpEnd(
        slug="times-out-often",
        title="It times out again and again",
        steps=(
            (
                "PharmRefer locks when it has not been used for {lock}. It logs you out after "
                "{idle}. That is for your patients' safety."
            ),
            "If it is sooner than that, something is wrong. Ask the service desk.",
            "Tell them the time when it happened, and which page you were on.",
            "Do several people use your login? Then each of you needs their own.",
        ),
        ask=_DESK,
        topics=(Topic.SHARED_LOGIN,),
        keywords="keeps logging me out keeps timing out",
    ),
    HelpEnd(
        slug="on-its-way",
        title="Saved or Sending: it is on its way",
        steps=(
            "You do not have to do anything. The referral is saved, and we send it by ourselves.",
            "You can leave the page. Your list shows when it has been delivered.",
            "If it says Sending or Saved for more than 5 minutes, ask the service desk.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
    ),
    HelpEnd(
        slug="trying-again",
        title="Trying again: we send it by ourselves",
        steps=(
            "Do not send it again. The referral is saved, and we keep trying.",
            (
                "The referral's page says what went wrong, and until when we try. Most often, the "
                "pharmacy's system is busy. It is not your connection."
            ),
            (
                "If the patient cannot wait, phone the pharmacy. If the page says that they may "
                "have the referral, ask them first."
            ),
            "Status, at the foot of this page, says which pharmacy's system is slow or is down.",
            "If all your referrals say Trying again, tell the service desk.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="retry retrying repeated attempts sends after many attempts",
    ),
    HelpEnd(
        slug="late",
        title="Late: phone the pharmacy",
        steps=(
            "Phone the pharmacy. The number is on the referral's page.",
            "Read the page first. It says whether they may have the referral already.",
            "Do not send it again. We send it as soon as we can.",
            "Late means that something is wrong on our side. Tell the service desk.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="delayed",
    ),
    HelpEnd(
        slug="needs-action",
        title="Needs action: phone the pharmacy",
        steps=(
            (
                "These referrals have not reached the pharmacy, or we cannot be sure. We have "
                "stopped trying."
            ),
            "Not delivered: the pharmacy does not have it. Phone them and give the details.",
            "Not confirmed: they may have it. Phone them, and ask before you give the details.",
            (
                "The referral stays on the list for some days. If it arrives after all, it says "
                "Delivered."
            ),
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="red urgent phone the pharmacy",
    ),
    HelpEnd(
        slug="not-delivered",
        title="Not delivered: phone the pharmacy",
        steps=(
            "The pharmacy does not have this referral. Phone them and give the details.",
            "The number and the details are on the referral's page. You can print them too.",
            "The page says why. It is not your connection: the referral reached us, but not them.",
            "If it happens with every pharmacy, tell the service desk.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="failed undelivered rejected",
    ),
    HelpEnd(
        slug="not-confirmed",
        title="Not confirmed: ask the pharmacy",
        steps=(
            "The pharmacy may have this referral, but its system has not said so.",
            "Phone them. Ask whether they have it before you give the details.",
            "Do not send it again, or they may have it twice.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="unconfirmed maybe sent",
    ),
    HelpEnd(
        slug="not-sent",
        title="Not sent: it is still your draft",
        steps=(
            "Choose the referral in your list.",
            "Not finished means that an answer is missing. The page shows which one.",
            "Not sent means that all answers are there. Check them, and choose Send referral.",
            "If there is a message in red, do what it says first.",
            "A draft is kept for {drafts}, and only you see it.",
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        way_on=_REFERRALS,
        keywords="draft unfinished incomplete button",
    ),
    HelpEnd(
        slug="answers-stopped-it",
        title="Stopped: this patient needs other care",
        steps=(
            "It was not sent, because of the answers. The patient needs a GP, or 999.",
            "Do what the referral's page says.",
            "Was an answer wrong? Choose Change the answers on that page. You then correct a copy.",
        ),
        ask=(WhoHelps.PRACTICE_ADMINISTRATOR, WhoHelps.SERVICE_DESK),
        way_on=_REFERRALS,
        keywords="not suitable red flag 999 gp",
    ),
    HelpEnd(
        slug="pharmacy-cannot-see-it",
        title="Delivered, but the pharmacy cannot see it",
        steps=(
            "Delivered means that the pharmacy's system has said that it has the referral.",
            (
                "Phone the pharmacy. Give them the patient's name, and the reference on the "
                "referral's page."
            ),
            "If they still cannot find it, give the details by phone. Then tell the service desk.",
        ),
        ask=_DESK,
        way_on=_REFERRALS,
        keywords="pharmacy has not got it not received",
    ),
    HelpEnd(
        slug="our-side",
        title="Only PharmRefer does not open",
        steps=(
            "Wait a minute and try again. What you have sent is safe.",
            "Look at Status, at the foot of this page. It says what works now.",
            "If a patient is waiting, phone the pharmacy.",
            (
                "If it still does not open, ask the service desk. If PharmRefer works for people "
                "at other practices, ask the local IT service desk: your network may block it."
            ),
        ),
        ask=_IT_FIRST[::-1],
        way_on=_CONNECTION,
        keywords="pharmrefer down blocked error",
    ),
    HelpEnd(
        slug="your-connection",
        title="Your connection may be the cause",
        steps=(
            "Ask the local IT service desk. They look after your computer and its connection.",
            "Tell them that other websites are slow too.",
            "If they find nothing wrong, ask the service desk.",
            "If a patient is waiting, phone the pharmacy.",
        ),
        ask=(WhoHelps.LOCAL_IT, WhoHelps.SERVICE_DESK, WhoHelps.ESCALATION),
        way_on=_CONNECTION,
        keywords="internet network wifi slow down offline not loading",
    ),
    HelpEnd(
        slug="second-app-first",
        title="Add the new app before you give up the old one",
        steps=(
            "Log in with a code from the old app.",
            "Open your account page and choose to add an authenticator app. Set up the new one.",
            "Log in once with a code from the new app.",
            "Then remove the old app on your account page. You do not need the service desk.",
        ),
        ask=_IT_FIRST,
        topics=(Topic.APPS,),
        guides=("several-apps", "microsoft-authenticator", "twofast"),
        way_on=_ACCOUNT,
        keywords="switch app new phone move transfer second app",
    ),
    HelpEnd(
        slug="another-computer",
        title="Use 2FAST on another computer",
        steps=(
            "Your codes are in your data file. You do not need a reset.",
            "Open 2FAST on the new computer and load your data file. You need its password.",
            "If 2FAST is not installed, ask the local IT service desk.",
        ),
        ask=_IT_FIRST,
        topics=(Topic.LOST_AUTHENTICATOR,),
        guides=("second-computer",),
        way_on=_LOG_IN,
        keywords="2fast new computer hot desk data file new pc",
    ),
    HelpEnd(
        slug="use-another-app",
        title="Log in with your other app or passkey",
        steps=(
            "Log in with a code from your other app, or with your passkey.",
            "Open your account page. Remove the app that you have lost, and add a new one.",
            "If your phone was stolen, do this straight away.",
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.LOST_AUTHENTICATOR,),
        guides=("several-apps",),
        way_on=_ACCOUNT,
    ),
    HelpEnd(
        slug="authenticator-reset",
        title="Ask for a reset of your authenticator",
        steps=(
            "Ask the service desk. Give your username and your practice's ODS code.",
            (
                "They call you back at your practice, on the number that they have for it. Be "
                "there to answer."
            ),
            "They read out a code. It works for 1 hour, after your password.",
            "Then set up an app as you did the first time. The old codes stop working.",
            "It must be your own login. A shared login cannot be reset.",
            _COLLEAGUE,
        ),
        ask=_DESK,
        topics=(Topic.LOST_AUTHENTICATOR, Topic.SET_UP),
        keywords="reset mfa 2fast forgotten password lost phone",
    ),
    HelpEnd(
        slug="code-wrong",
        title="The code is not right",
        steps=(
            "Use the entry named PharmRefer, with your own username.",
            "Enter the code that it shows now. It changes every 30 seconds.",
            "If you have set up PharmRefer twice, use the newest entry.",
            "Check the clock of the phone or computer that shows the code.",
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.CODE_NOT_RIGHT, Topic.CLOCK),
        way_on=_LOG_IN,
        keywords="code wrong incorrect invalid",
    ),
    HelpEnd(
        slug="code-used-before",
        title="The code was used already",
        steps=(
            "Wait until your app shows the next code. It takes up to 30 seconds.",
            "Enter that one.",
            (
                "If you have not used the code, someone else may have your codes. Tell the service"
                " desk now."
            ),
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.CODE_USED,),
        way_on=_LOG_IN,
        keywords="used code twice",
    ),
    HelpEnd(
        slug="clock-wrong",
        title="The clock is wrong",
        steps=(
            (
                "Codes depend on the time. Set the clock of the device that shows your codes to "
                "automatic."
            ),
            "Then wait for the next code and enter it.",
            "If you may not change the clock of a computer at work, ask the local IT service desk.",
        ),
        ask=_IT_FIRST,
        topics=(Topic.CLOCK,),
        way_on=_LOG_IN,
        keywords="clock time fast slow expired",
    ),
    HelpEnd(
        slug="not-6-digits",
        title="The code must be 6 digits",
        steps=(
            "Enter the 6 digits that your app shows for PharmRefer. Spaces do not matter.",
            (
                "An activation code, with letters, is for another page. So are your PIN and your "
                "password."
            ),
            "If your app shows 8 digits, it was set up wrongly. Ask the service desk for a reset.",
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.CODE_NOT_RIGHT,),
        way_on=_LOG_IN,
        keywords="8 digits letters",
    ),
    HelpEnd(
        slug="too-many-tries",
        title="You have tried too many times",
        steps=(
            "Wait until the time that the message says. Then try again.",
            "Before you do, find out what was wrong. The pages below help.",
            _COLLEAGUE,
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.TOO_MANY_TRIES, Topic.PASSWORD, Topic.CODE_NOT_RIGHT),
        way_on=_LOG_IN,
        keywords="wait blocked attempts locked out",
    ),
    HelpEnd(
        slug="account-locked",
        title="Your account is locked",
        steps=(
            "Ask your practice administrator to unlock it. Waiting does not unlock it.",
            "If someone said “this was not me” in an email, only the service desk can unlock it.",
            "You then get an email, and choose a new password.",
            _COLLEAGUE,
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.TOO_MANY_TRIES,),
        keywords="locked out lockout unlock blocked",
    ),
    HelpEnd(
        slug="shared-login-replaced",
        title="Replace a shared login",
        steps=(
            (
                "Open People and choose Invite someone. Do this for each person, with their own "
                "work email address."
            ),
            (
                "PharmRefer does not take addresses such as reception@ or admin@. Codes cannot "
                "work for several people."
            ),
            "If a person's own address is refused, ask the service desk to allow it.",
            (
                "When each person has their own login, change the password of the shared one, or "
                "turn it off."
            ),
        ),
        ask=(WhoHelps.SERVICE_DESK,),
        topics=(Topic.SHARED_LOGIN,),
        guides=("administrators",),
        way_on=WayOn("accounts:people", "Open People"),
        keywords="generic address shared mailbox refused invite administrator",
    ),
    HelpEnd(
        slug="no-administrator",
        title="Your practice has no administrator",
        steps=(
            "Ask the service desk to make someone an administrator.",
            (
                "They will want that person's name, their own work email address and your "
                "practice's ODS code."
            ),
            "The administrator can then create a login for each person.",
        ),
        ask=_DESK,
        topics=(Topic.SHARED_LOGIN,),
        keywords="practice administrator left practice manager",
    ),
    HelpEnd(
        slug="one-computer",
        title="Several people at one computer",
        steps=(
            "That is fine, if each has their own login.",
            (
                "Choose Log out when you go. If the screen is locked, the next person chooses "
                "Switch user."
            ),
            "Each person needs their own app, or their own 2FAST data file.",
        ),
        ask=_ADMINISTRATOR_FIRST,
        topics=(Topic.SHARED_LOGIN,),
        guides=("second-computer",),
        way_on=_LOG_IN,
        keywords="hot desk hotdesking switch user",
    ),
)

ROOTS = (
    "cannot-log-in",
    "timed-out",
    "will-not-send",
    "lost-phone",
    "code-refused",
    "several-people",
)
NODES: dict[str, HelpNode] = {node.slug: node for node in (*_QUESTIONS, *_ENDS)}
FOLLOWING = {node.slug for node in _QUESTIONS} - set(ROOTS)  # they make sense after another only


def _first_parents() -> dict[str, str]:
    found: dict[str, str] = {}
    for question in _QUESTIONS:
        for slug in question.leads_to:
            found.setdefault(slug, question.slug)
    return {slug: parent for slug, parent in found.items() if slug not in ROOTS}


_FIRST_PARENT = _first_parents()


def way_to(slug: str, came_by: Sequence[str] = ()) -> list[str]:
    """Return the questions before a node, from the first one on.

    Args:
        came_by: the questions that somebody has answered; what is no way to the node is ignored.
    """
    steps = pairwise((*came_by, slug))
    if came_by and all(
        before in NODES and then in NODES[before].leads_to for before, then in steps
    ):
        return list(came_by)
    way: list[str] = []
    parent = _FIRST_PARENT.get(slug)
    while parent:
        way.insert(0, parent)
        parent = _FIRST_PARENT.get(parent)
    return way
