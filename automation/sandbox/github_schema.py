"""The corner of GitHub's GraphQL schema that the stand-in has.

https://docs.github.com/en/graphql/reference/objects
"""

from __future__ import annotations

import functools

from graphql import GraphQLSchema, build_schema, extend_schema, parse

_COMMON = """
scalar DateTime
scalar BigInt
scalar URI
scalar Date
interface Node { id: ID! }
interface Actor { login: String! }
type User implements Node & Actor { id: ID! login: String! databaseId: Int name: String }
type Bot implements Node & Actor { id: ID! login: String! databaseId: Int }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type IssueComment implements Node {
  id: ID! fullDatabaseId: BigInt body: String! createdAt: DateTime! updatedAt: DateTime!
  lastEditedAt: DateTime author: Actor editor: Actor viewerDidAuthor: Boolean!
}
type IssueCommentConnection { totalCount: Int! nodes: [IssueComment] pageInfo: PageInfo! }
type UserContentEdit implements Node {
  id: ID! createdAt: DateTime! editedAt: DateTime! deletedAt: DateTime diff: String editor: Actor
}
type UserContentEditConnection { totalCount: Int! nodes: [UserContentEdit] }
enum IssueTimelineItemsItemType {
  RENAMED_TITLE_EVENT MILESTONED_EVENT DEMILESTONED_EVENT LABELED_EVENT UNLABELED_EVENT
}
type LabeledEvent implements Node { id: ID! createdAt: DateTime! label: Label! actor: Actor }
type UnlabeledEvent implements Node { id: ID! createdAt: DateTime! label: Label! actor: Actor }
type RenamedTitleEvent implements Node {
  id: ID! createdAt: DateTime! previousTitle: String! currentTitle: String! actor: Actor
}
type MilestonedEvent implements Node {
  id: ID! createdAt: DateTime! milestoneTitle: String! actor: Actor
}
type DemilestonedEvent implements Node {
  id: ID! createdAt: DateTime! milestoneTitle: String! actor: Actor
}
union IssueTimelineItems =
  RenamedTitleEvent | MilestonedEvent | DemilestonedEvent | LabeledEvent | UnlabeledEvent
type IssueTimelineItemsConnection {
  totalCount: Int! nodes: [IssueTimelineItems] pageInfo: PageInfo!
}
type Label implements Node { id: ID! name: String! createdAt: DateTime updatedAt: DateTime }
type LabelConnection { totalCount: Int! nodes: [Label] }
type UserConnection { totalCount: Int! nodes: [User] }
enum MilestoneState { OPEN CLOSED }
enum MilestoneOrderField { DUE_DATE CREATED_AT UPDATED_AT NUMBER }
enum OrderDirection { ASC DESC }
input MilestoneOrder { field: MilestoneOrderField! direction: OrderDirection! }
type Milestone implements Node {
  id: ID! number: Int! title: String! dueOn: DateTime state: MilestoneState! updatedAt: DateTime!
}
type MilestoneConnection { totalCount: Int! nodes: [Milestone] pageInfo: PageInfo! }
enum IssueState { OPEN CLOSED }
enum IssueStateReason { REOPENED NOT_PLANNED COMPLETED DUPLICATE }
type Issue implements Node {
  id: ID! fullDatabaseId: BigInt number: Int! url: URI! title: String! body: String!
  createdAt: DateTime! updatedAt: DateTime! lastEditedAt: DateTime
  state: IssueState! stateReason(enableDuplicate: Boolean = false): IssueStateReason
  includesCreatedEdit: Boolean! author: Actor editor: Actor milestone: Milestone repository: Repository!
  labels(first: Int, last: Int): LabelConnection
  assignees(first: Int, last: Int): UserConnection!
  comments(first: Int, last: Int, before: String): IssueCommentConnection!
  userContentEdits(first: Int, last: Int): UserContentEditConnection
  timelineItems(first: Int, last: Int, before: String, itemTypes: [IssueTimelineItemsItemType!]):
    IssueTimelineItemsConnection!
}
type Repository implements Node {
  id: ID! databaseId: Int nameWithOwner: String! isPrivate: Boolean! issue(number: Int!): Issue
  milestones(first: Int, last: Int, states: [MilestoneState!], orderBy: MilestoneOrder):
    MilestoneConnection
}
enum ProjectV2FieldType { DATE TEXT NUMBER ITERATION SINGLE_SELECT }
interface ProjectV2FieldCommon { id: ID! name: String! dataType: ProjectV2FieldType! }
type ProjectV2Field implements Node & ProjectV2FieldCommon {
  id: ID! name: String! dataType: ProjectV2FieldType!
}
type ProjectV2IterationField implements Node & ProjectV2FieldCommon {
  id: ID! name: String! dataType: ProjectV2FieldType!
}
type ProjectV2SingleSelectField implements Node & ProjectV2FieldCommon {
  id: ID! name: String! dataType: ProjectV2FieldType!
}
union ProjectV2FieldConfiguration = ProjectV2Field | ProjectV2IterationField | ProjectV2SingleSelectField
interface ProjectV2Owner { id: ID! }
type Organization implements Node & ProjectV2Owner { id: ID! login: String! }
type ProjectV2 implements Node { id: ID! number: Int! title: String! owner: ProjectV2Owner! }
type ProjectV2ItemFieldSingleSelectValue implements Node {
  id: ID! name: String optionId: String field: ProjectV2FieldConfiguration!
}
type ProjectV2ItemFieldDateValue implements Node {
  id: ID! date: Date field: ProjectV2FieldConfiguration!
}
type ProjectV2ItemFieldTextValue implements Node {
  id: ID! text: String field: ProjectV2FieldConfiguration!
}
type ProjectV2ItemFieldIterationValue implements Node {
  id: ID! iterationId: String! title: String! startDate: Date! duration: Int!
  field: ProjectV2FieldConfiguration!
}
union ProjectV2ItemFieldValue =
  ProjectV2ItemFieldDateValue | ProjectV2ItemFieldTextValue | ProjectV2ItemFieldIterationValue
  | ProjectV2ItemFieldSingleSelectValue
type ProjectV2ItemFieldValueConnection {
  totalCount: Int! nodes: [ProjectV2ItemFieldValue] pageInfo: PageInfo!
}
union ProjectV2ItemContent = Issue
type ProjectV2Item implements Node {
  id: ID! fullDatabaseId: BigInt project: ProjectV2! content: ProjectV2ItemContent isArchived: Boolean!
  updatedAt: DateTime! fieldValues(first: Int, last: Int): ProjectV2ItemFieldValueConnection!
  fieldValueByName(name: String!): ProjectV2ItemFieldValue
}
type ProjectV2ItemConnection { totalCount: Int! nodes: [ProjectV2Item] pageInfo: PageInfo! }
extend type Issue {
  projectItems(first: Int, last: Int, includeArchived: Boolean = true): ProjectV2ItemConnection!
}
input ProjectV2FieldValue { date: Date text: String number: Float iterationId: String }
input UpdateProjectV2ItemFieldValueInput {
  clientMutationId: String projectId: ID! itemId: ID! fieldId: ID! value: ProjectV2FieldValue!
}
input ClearProjectV2ItemFieldValueInput { clientMutationId: String projectId: ID! itemId: ID! fieldId: ID! }
input AddProjectV2ItemByIdInput { clientMutationId: String projectId: ID! contentId: ID! }
type UpdateProjectV2ItemFieldValuePayload { clientMutationId: String projectV2Item: ProjectV2Item }
type ClearProjectV2ItemFieldValuePayload { clientMutationId: String projectV2Item: ProjectV2Item }
type AddProjectV2ItemByIdPayload { clientMutationId: String item: ProjectV2Item }
type Mutation {
  updateProjectV2ItemFieldValue(input: UpdateProjectV2ItemFieldValueInput!):
    UpdateProjectV2ItemFieldValuePayload
  clearProjectV2ItemFieldValue(input: ClearProjectV2ItemFieldValueInput!):
    ClearProjectV2ItemFieldValuePayload
  addProjectV2ItemById(input: AddProjectV2ItemByIdInput!): AddProjectV2ItemByIdPayload
}
type Query {
  node(id: ID!): Node
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
}
"""

_ISSUE_FIELDS = """
enum IssueFieldDataType { DATE TEXT NUMBER SINGLE_SELECT }
interface IssueFieldCommon { name: String! dataType: IssueFieldDataType! }
type IssueFieldDate implements Node & IssueFieldCommon {
  id: ID! name: String! dataType: IssueFieldDataType!
}
type IssueFieldText implements Node & IssueFieldCommon {
  id: ID! name: String! dataType: IssueFieldDataType!
}
type IssueFieldNumber implements Node & IssueFieldCommon {
  id: ID! name: String! dataType: IssueFieldDataType!
}
union IssueFields = IssueFieldDate | IssueFieldText | IssueFieldNumber
type IssueFieldDateValue implements Node { id: ID! field: IssueFields value: String! }
type IssueFieldTextValue implements Node { id: ID! field: IssueFields value: String! }
type IssueFieldNumberValue implements Node { id: ID! field: IssueFields value: Float! }
union IssueFieldValue = IssueFieldDateValue | IssueFieldTextValue | IssueFieldNumberValue
type IssueFieldValueConnection { totalCount: Int! nodes: [IssueFieldValue] pageInfo: PageInfo! }
type IssueFieldAddedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor issueField: IssueFields value: String
}
type IssueFieldChangedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor issueField: IssueFields previousValue: String newValue: String
}
type IssueFieldRemovedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor issueField: IssueFields
}
extend union IssueTimelineItems = IssueFieldAddedEvent | IssueFieldChangedEvent | IssueFieldRemovedEvent
extend enum IssueTimelineItemsItemType {
  ISSUE_FIELD_ADDED_EVENT ISSUE_FIELD_CHANGED_EVENT ISSUE_FIELD_REMOVED_EVENT
}
extend type Issue { issueFieldValues(first: Int, last: Int): IssueFieldValueConnection }
type ProjectV2ItemIssueFieldValue {
  field: ProjectV2FieldConfiguration! issueFieldValue: IssueFieldValue
}
extend union ProjectV2ItemFieldValue = ProjectV2ItemIssueFieldValue
"""

_STATUSES = """
type ProjectV2ItemStatusChangedEvent implements Node {
  id: ID! createdAt: DateTime! actor: Actor previousStatus: String! status: String! wasAutomated: Boolean!
  project: ProjectV2
}
extend union IssueTimelineItems = ProjectV2ItemStatusChangedEvent
extend enum IssueTimelineItemsItemType { PROJECT_V2_ITEM_STATUS_CHANGED_EVENT }
"""


@functools.cache
def schema_of(issue_fields: bool, statuses: bool) -> GraphQLSchema:
    """Return the schema of a server that knows these, as GitHub Enterprise Server need not."""
    schema = build_schema(_COMMON)
    for known, more in ((issue_fields, _ISSUE_FIELDS), (statuses, _STATUSES)):
        schema = extend_schema(schema, parse(more)) if known else schema
    return schema
