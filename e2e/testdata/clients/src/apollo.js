// Pages through the lists with Apollo Client.
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { ApolloProvider, useQuery } from "@apollo/client/react";
import { relayStylePagination } from "@apollo/client/utilities";
import { createElement, useEffect, useState } from "react";
import { countedFetch, headers, lists, project, read, show, url } from "./screen.js";

const query = gql`
  query Issues(
    $project: ID!
    $filter: IssueFilter
    $orderBy: ProjectIssuesOrder
    $sortDirection: SortDirection
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    node(id: $project) {
      id
      ... on Project {
        issues(
          filter: $filter
          orderBy: $orderBy
          sortDirection: $sortDirection
          first: $first
          after: $after
          last: $last
          before: $before
        ) {
          totalCount
          edges {
            node {
              id
              title
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    }
  }
`;

const cache = new InMemoryCache({
  typePolicies: {
    Project: {
      fields: {
        issues: relayStylePagination(["filter", "orderBy", "sortDirection"]),
      },
    },
  },
});

function Issues() {
  const [list, setList] = useState(lists[0]);
  const { data, loading, error, fetchMore } = useQuery(query, { variables: { project, ...list.variables } });
  if (error) {
    throw error;
  }
  const issues = data?.node.issues;
  useEffect(() =>
    show({
      issues: issues?.edges.map((edge) => edge.node),
      totalCount: issues?.totalCount,
      hasMore: list.isBackwards ? issues?.pageInfo.hasPreviousPage : issues?.pageInfo.hasNextPage,
      isLoading: loading,
      loadMore() {
        if (list.isBackwards) {
          return fetchMore({ variables: { before: issues.pageInfo.startCursor } });
        }
        return fetchMore({ variables: { after: issues.pageInfo.endCursor } });
      },
      change: setList,
    }),
  );
  return null;
}

const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, headers, fetch: countedFetch }) });

await read(() => createElement(ApolloProvider, { client }, createElement(Issues)));
