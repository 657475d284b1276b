import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies a webhook of Hookline. Java 17 or newer, nothing but the standard library. */
public final class Verify {
    private static final long TOLERANCE_SECONDS = 300;

    private Verify() {}

    /** Standard Webhooks v1. {@code headers} by lower-case name, {@code body} the bytes as they came. */
    public static boolean standard(String secret, Map<String, String> headers, byte[] body)
            throws GeneralSecurityException {
        String id = headers.getOrDefault("webhook-id", "");
        String timestamp = headers.getOrDefault("webhook-timestamp", "");
        if (id.isEmpty() || id.contains(".") || !timestamp.matches("[0-9]{1,12}")) return false;
        long age = System.currentTimeMillis() / 1000 - Long.parseLong(timestamp);
        if (Math.abs(age) > TOLERANCE_SECONDS) return false;
        byte[] digest = hmac(keyOf(secret), bytes(id + "." + timestamp + "."), body);
        byte[] expected = bytes("v1," + Base64.getEncoder().encodeToString(digest));
        boolean isGood = false;
        for (String given : headers.getOrDefault("webhook-signature", "").split(" ")) {
            isGood |= MessageDigest.isEqual(bytes(given), expected);
        }
        return isGood;
    }

    /** X-Webhook-Signature of format cdhosting; the key are the secret's characters as shown. */
    public static boolean hex(String secret, String signature, byte[] body)
            throws GeneralSecurityException {
        byte[] digest = hmac(bytes(secret), body);
        return MessageDigest.isEqual(bytes(signature), bytes(HexFormat.of().formatHex(digest)));
    }

    /** whsec_&lt;base64&gt; is decoded; any other secret is its UTF-8 bytes. */
    private static byte[] keyOf(String secret) {
        if (secret.startsWith("whsec_")) {
            try {
                byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
                if (key.length > 0) return key;
            } catch (IllegalArgumentException notBase64) {
                return bytes(secret);
            }
        }
        return bytes(secret);
    }

    private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) mac.update(part);
        return mac.doFinal();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] given) throws Exception {
        String secret = System.getenv("WEBHOOK_SECRET");
        byte[] body = System.in.readAllBytes();
        boolean isGood =
                given[0].equals("hex")
                        ? hex(secret, given[1], body)
                        : standard(
                                secret,
                                Map.of(
                                        "webhook-id", given[1],
                                        "webhook-timestamp", given[2],
                                        "webhook-signature", given[3]),
                                body);
        System.out.println(isGood ? "good" : "bad");
        System.exit(isGood ? 0 : 1);
    }
}
