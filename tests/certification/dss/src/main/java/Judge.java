import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.util.Date;

/**
 * Says what EU DSS thinks of signed PDFs, offline, with one trust anchor given by hand.
 *
 * <p>Usage: Judge ROOT.pem FILE.pdf [FILE.pdf ...]. One line a signature:
 * {@code FILE <tab> ID <tab> FORMAT <tab> INDICATION <tab> SUBINDICATION}. The time of judgement is
 * the machine's clock.
 */
public final class Judge {
  private Judge() {}

  public static void main(String[] args) {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    CertificateToken root = DSSUtils.loadCertificate(new File(args[0]));
    trusted.addCertificate(root);
    System.out.println("now\t" + new Date().toInstant());
    for (int i = 1; i < args.length; i++) {
      judge(trusted, new FileDocument(args[i]));
    }
  }

  private static void judge(CommonTrustedCertificateSource trusted, DSSDocument document) {
    CommonCertificateVerifier verifier = new CommonCertificateVerifier(); // no sources: offline
    verifier.setTrustedCertSources(trusted);
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
    validator.setCertificateVerifier(verifier);
    Reports reports = validator.validateDocument();
    if (System.getProperty("detailed") != null) {
      System.out.println(reports.getXmlDetailedReport());
    }
    SimpleReport report = reports.getSimpleReport();
    for (String id : report.getSignatureIdList()) {
      Indication indication = report.getIndication(id);
      System.out.println(
          String.join(
              "\t",
              document.getName(),
              report.getSignedBy(id),
              String.valueOf(report.getSignatureFormat(id)),
              String.valueOf(indication),
              String.valueOf(report.getSubIndication(id))));
      report.getAdESValidationErrors(id).forEach(e -> System.out.println("  error " + e.getValue()));
    }
  }
}
