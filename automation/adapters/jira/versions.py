"""The versions of Jira's REST API: each has its own dialect for words."""

CLOUD, DATA_CENTER = "3", "2"
"""The versions of the REST API. Words are documents (ADF) in the first, and wiki text in the second,
which is all that Data Center has.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
https://developer.atlassian.com/server/jira/platform/rest/v10000/"""
