"""Jira: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/"""
