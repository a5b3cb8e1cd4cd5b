// What a page of a blog asks for with Relay.
import { graphql } from "relay-runtime";

graphql`
  fragment blog_posts on User @refetchable(queryName: "blogPostsPage") @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    posts(first: $first, after: $after) @connection(key: "blog_posts") {
      edges {
        node {
          title
          ...blog_comments
        }
      }
    }
  }
`;

graphql`
  fragment blog_comments on Post @refetchable(queryName: "blogCommentsPage") @argumentDefinitions(last: { type: "Int", defaultValue: 20 }, before: { type: "String" }) {
    comments(last: $last, before: $before) @connection(key: "blog_comments") {
      edges {
        node {
          body
        }
      }
    }
  }
`;

graphql`
  query blogQuery {
    viewer {
      ...blog_posts
    }
    postsByStatus(status: PUBLISHED, first: 10) @connection(key: "blog_postsByStatus") {
      edges {
        node {
          slug
        }
      }
    }
  }
`;

graphql`
  mutation blogCreatePostMutation($input: CreatePostInput!, $connections: [ID!]!) {
    createPost(input: $input) {
      postEdge @appendEdge(connections: $connections) {
        node {
          title
        }
      }
    }
  }
`;

graphql`
  mutation blogCreateCommentMutation($input: CreateCommentInput!, $connections: [ID!]!) {
    createComment(input: $input) {
      commentEdge @prependEdge(connections: $connections) {
        node {
          body
        }
      }
    }
  }
`;

graphql`
  mutation blogCreatePostNodeMutation($input: CreatePostInput!, $connections: [ID!]!) {
    createPost(input: $input) {
      post @appendNode(connections: $connections, edgeTypeName: "PostEdge") {
        title
      }
    }
  }
`;

graphql`
  mutation blogDeletePostMutation($input: DeletePostInput!, $connections: [ID!]!) {
    deletePost(input: $input) {
      deletedPostId @deleteEdge(connections: $connections)
    }
  }
`;

graphql`
  mutation blogDeleteCommentMutation($input: DeleteCommentInput!) {
    deleteComment(input: $input) {
      deletedCommentId @deleteRecord
    }
  }
`;
