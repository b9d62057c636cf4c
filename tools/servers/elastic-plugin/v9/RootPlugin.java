package vecport.servers;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestHandler;

/**
 * What the test distribution of Elasticsearch 9 lacks and clients need: the root path, and the analysis parts that the
 * index of API keys is made with.
 */
public final class RootPlugin extends Plugin implements ActionPlugin, AnalysisPlugin {
  private volatile ClusterService cluster;

  @Override
  public Collection<?> createComponents(PluginServices services) {
    cluster = services.clusterService();
    return List.of();
  }

  @Override
  public Collection<RestHandler> getRestHandlers(
      RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
    return List.of(new RootHandler(() -> cluster));
  }

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of(
        "uax_url_email",
        (index, environment, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "lowercase", filter(settings -> LowerCaseFilter::new),
        "unique", filter(settings -> RemoveDuplicatesTokenFilter::new),
        "pattern_capture", filter(RootPlugin::captureGroups));
  }

  private static Function<TokenStream, TokenStream> captureGroups(Settings settings) {
    boolean original = settings.getAsBoolean("preserve_original", true);
    Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
    return tokens -> new PatternCaptureGroupTokenFilter(tokens, original, patterns);
  }

  private static AnalysisProvider<TokenFilterFactory> filter(
      Function<Settings, Function<TokenStream, TokenStream>> filterOf) {
    return (index, environment, name, settings) -> {
      Function<TokenStream, TokenStream> create = filterOf.apply(settings);
      return new AbstractTokenFilterFactory(name) {
        @Override
        public TokenStream create(TokenStream tokens) {
          return create.apply(tokens);
        }
      };
    };
  }
}
