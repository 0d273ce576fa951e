"""The actions a rule can take. To add one, write its file here and name it below."""

from automation.actions.base import Action
from automation.actions.comment import Comment
from automation.actions.hold import Hold
from automation.actions.label import Label

ACTIONS: dict[str, type[Action]] = {action.name: action for action in (Hold, Comment, Label)}
