"""The settings that rules files carry, as strict pydantic models: what YAML may say, and what it means."""

from automation.rulebook.schema.deadline_fields import DateName, DeadlineFields, ProjectDate
from automation.rulebook.schema.files import SHIPPED, JiraAnswers, RulesConfig, RulesFile, Vocabulary
from automation.rulebook.schema.places import Deals, GitHubTracker, JiraTracker, TrackerRules, Trackers
from automation.rulebook.schema.sign_off import Answers, JiraField, MayOverride, ProjectStatus, SignOff
from automation.rulebook.schema.values import Names

__all__ = [
    "SHIPPED",
    "Answers",
    "DateName",
    "DeadlineFields",
    "Deals",
    "GitHubTracker",
    "JiraAnswers",
    "JiraField",
    "JiraTracker",
    "MayOverride",
    "Names",
    "ProjectDate",
    "ProjectStatus",
    "RulesConfig",
    "RulesFile",
    "SignOff",
    "TrackerRules",
    "Trackers",
    "Vocabulary",
]
