import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.*;
import java.util.*;

/** Java's PKIX path builder on one list: `PathBench leaf.der root.der list.pem epochMillis seconds` prints "median_ms" or "FAIL". */
public class PathBench {
    public static void main(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509Certificate leaf = one(factory, args[0]), root = one(factory, args[1]);
        Collection<? extends Certificate> listed;
        try (InputStream in = Files.newInputStream(Path.of(args[2]))) {
            listed = factory.generateCertificates(in);
        }
        CertStore store = CertStore.getInstance("Collection", new CollectionCertStoreParameters(listed));
        long until = System.nanoTime() + 1_000_000_000L * Long.parseLong(args[4]);
        List<Double> times = new ArrayList<>();
        do {
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(leaf);
            PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), target);
            parameters.addCertStore(store);
            parameters.setRevocationEnabled(false);
            parameters.setDate(new Date(Long.parseLong(args[3])));
            long begun = System.nanoTime();
            try {
                CertPathBuilder.getInstance("PKIX").build(parameters);
            } catch (CertPathBuilderException refused) {
                System.out.println("FAIL");
                return;
            }
            times.add((System.nanoTime() - begun) / 1e6);
        } while (System.nanoTime() < until);
        Collections.sort(times);
        System.out.println(times.get(times.size() / 2));
    }

    private static X509Certificate one(CertificateFactory factory, String file) throws Exception {
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
    }
}
