/** How Paystack is called (PROVIDERS 1.1, 1.2): one host, the secret key as bearer. */
import { SecretKeyCalls } from '../secret-key-calls.js';

export class PaystackCalls extends SecretKeyCalls {}
