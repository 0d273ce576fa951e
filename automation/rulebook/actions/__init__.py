"""The actions a rule can take. To add one, write its file here and name it below."""

from automation.rulebook.actions.base import Action
from automation.rulebook.actions.comment import Comment
from automation.rulebook.actions.hold import Hold
from automation.rulebook.actions.label import Label

ACTIONS: dict[str, type[Action]] = {action.name: action for action in (Hold, Comment, Label)}
