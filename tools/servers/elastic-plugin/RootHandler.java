package vecport.servers;

import java.util.List;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/** Answers GET and HEAD on the root path with name and version; clients look there first. */
final class RootHandler extends BaseRestHandler {
  private final Supplier<ClusterService> cluster;

  RootHandler(Supplier<ClusterService> cluster) {
    this.cluster = cluster;
  }

  @Override
  public String getName() {
    return "vecport_root";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    return channel -> {
      try (XContentBuilder json = channel.newBuilder().prettyPrint()) {
        json.startObject();
        json.field("name", cluster.get().getNodeName());
        json.field("cluster_name", cluster.get().getClusterName().value());
        json.field("cluster_uuid", cluster.get().state().metadata().clusterUUID());
        writeVersion(json, Build.current());
        json.field("tagline", "You Know, for Search");
        json.endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, json));
      }
    };
  }

  private static void writeVersion(XContentBuilder json, Build build) throws java.io.IOException {
    json.startObject("version");
    json.field("number", build.qualifiedVersion());
    json.field("build_flavor", build.flavor());
    json.field("build_type", build.type().displayName());
    json.field("build_hash", build.hash());
    json.field("build_date", build.date());
    json.field("build_snapshot", build.isSnapshot());
    json.field("lucene_version", IndexVersion.current().luceneVersion().toString());
    json.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
    json.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
    json.endObject();
  }
}
