// What the people of clients_people_test.go ask and do. Relay compiles these; the other clients take them as text.
const graphql = ([text]) => text;

/** name is that of the operation in a document. */
export const name = (document) => /(?:query|mutation) (\w+)/.exec(document)[1];

export const work = graphql`
  query documentsWorkQuery {
    viewer {
      id
      invitations(first: 10) {
        edges {
          node {
            id
            note
          }
        }
      }
    }
    organizations(first: 10) {
      edges {
        node {
          id
          name
          memberships(first: 10) {
            edges {
              node {
                id
                role
                user {
                  id
                  firstName
                  email
                }
              }
            }
          }
        }
      }
    }
    issues(first: 50, orderBy: { field: UPDATED_AT, direction: DESC }) {
      edges {
        node {
          id
          title
          status
          project {
            id
            name
          }
          comments(first: 10) {
            edges {
              node {
                id
                body
                owner {
                  id
                  firstName
                }
              }
            }
          }
        }
      }
    }
  }
`;

export const createOrganization = graphql`
  mutation documentsCreateOrganizationMutation($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      organization {
        id
      }
    }
  }
`;

export const createProject = graphql`
  mutation documentsCreateProjectMutation($input: CreateProjectInput!) {
    createProject(input: $input) {
      project {
        id
      }
    }
  }
`;

export const createIssue = graphql`
  mutation documentsCreateIssueMutation($input: CreateIssueInput!) {
    createIssue(input: $input) {
      issue {
        id
      }
    }
  }
`;

export const updateIssue = graphql`
  mutation documentsUpdateIssueMutation($input: UpdateIssueInput!) {
    updateIssue(input: $input) {
      issue {
        id
        title
        status
      }
    }
  }
`;

export const createComment = graphql`
  mutation documentsCreateCommentMutation($input: CreateCommentInput!) {
    createComment(input: $input) {
      comment {
        id
      }
    }
  }
`;

export const createInvitation = graphql`
  mutation documentsCreateInvitationMutation($input: CreateInvitationInput!) {
    createInvitation(input: $input) {
      invitation {
        id
      }
    }
  }
`;

export const acceptInvitation = graphql`
  mutation documentsAcceptInvitationMutation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      membership {
        id
      }
    }
  }
`;

export const deleteMembership = graphql`
  mutation documentsDeleteMembershipMutation($input: DeleteMembershipInput!) {
    deleteMembership(input: $input) {
      deletedMembershipId
    }
  }
`;
