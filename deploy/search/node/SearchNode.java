import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.ingest.common.IngestCommonPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/** An OpenSearch node on the loopback interface, with the distribution's modules that the template needs. */
public class SearchNode extends Node {
  SearchNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "dateline"),
        List.of(
            Netty4Plugin.class,
            CommonAnalysisPlugin.class,
            IngestCommonPlugin.class,
            PainlessPlugin.class),
        false);
  }

  /** Arguments: the folder for all its files, and two free ports, for HTTP and for transport. */
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Files.createDirectories(home.resolve("config"));
    Node node =
        new SearchNode(
            Settings.builder()
                .put("path.home", home)
                .put("cluster.name", "dateline-check")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", args[1])
                .put("transport.port", args[2])
                .put("node.store.allow_mmap", false)
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build());
    node.start();
    new CountDownLatch(1).await();
  }
}
