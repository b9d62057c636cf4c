import type { Request, Response } from 'express';

/**
 * Before an answer is sent: end the connection with it when the request has a body that has not all arrived. Else what is
 * still sent would be read and thrown away for as long as somebody sends it.
 */
export function closeUnread(request: Request, response: Response): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if ((encoding !== undefined || length !== '0') && !request.complete) response.set('Connection', 'close');
}
